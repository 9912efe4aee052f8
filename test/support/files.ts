import { zipSync } from 'fflate';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** A picture of one dot. */
export const png = bytes(
  '89504e470d0a1a0a 0000000d49484452000000010000000108060000001f15c489 0000000d49444154789c63f8cfc0f01f0005000 1ff 89993d1d 0000000049454e44ae426082',
);
export const jpeg = Buffer.concat([bytes('ffd8ffe000104a46494600010100000100010000'), Buffer.alloc(64), bytes('ffd9')]);
export const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
export const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n');
/** What a sound and a film have in common. https://www.iso.org/standard/68960.html */
const isoMedia = (brand: string): Buffer =>
  Buffer.concat([
    bytes('0000001866747970'),
    Buffer.from(`${brand}\u0000\u0000\u0002\u0000isommp42`, 'latin1'),
    Buffer.alloc(64),
  ]);
export const mp4 = isoMedia('isom');
export const ogg = Buffer.concat([
  Buffer.from('OggS'),
  bytes('0002000000000000000000000000000000000000000001'),
  bytes('13'),
  Buffer.from('OpusHead'),
  Buffer.alloc(32),
]);
export const zip = Buffer.from(zipSync({ 'a.txt': new TextEncoder().encode('hello') }));
export const docx = Buffer.from(
  zipSync({
    '[Content_Types].xml': new TextEncoder().encode(
      '<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    ),
    'word/document.xml': new TextEncoder().encode('<w:document/>'),
  }),
);
/** The container of old Office documents, with the name of a stream inside. */
export const compound = (stream: string): Buffer =>
  Buffer.concat([bytes('d0cf11e0a1b11ae1'), Buffer.alloc(600), Buffer.from(stream, 'utf16le'), Buffer.alloc(64)]);
/** A program for Windows. */
export const exe = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(256)]);
