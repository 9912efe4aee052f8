/** One part of `multipart/form-data`. */
interface FormFile {
  /** The field's name. */
  readonly field: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

export interface MultipartForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly files: readonly FormFile[];
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The parts between the boundaries, each with its headers. */
const partsOf = (body: Buffer, boundary: string): Buffer[] => {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  const parts: Buffer[] = [];
  for (let start = whole.indexOf(delimiter); start >= 0;) {
    const from = start + delimiter.length;
    const next = whole.indexOf(delimiter, from);
    if (next >= 0) parts.push(whole.subarray(from + 2, next));
    start = next;
  }
  return parts;
};

/** Reads `multipart/form-data` (RFC 7578): texts, and files with their bytes. */
export const parseMultipart = (body: Buffer, contentType: string): MultipartForm => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  const fields: Record<string, string> = {};
  const files: FormFile[] = [];
  for (const part of boundary === undefined ? [] : partsOf(body, boundary)) {
    const end = part.indexOf(HEAD_END);
    const head = part.subarray(0, end).toString();
    const bytes = part.subarray(end + HEAD_END.length);
    const field = /\bname="([^"]*)"/i.exec(head)?.[1] ?? '';
    const name = /\bfilename="([^"]*)"/i.exec(head)?.[1];
    const type = /^content-type:\s*(.+?)\s*$/im.exec(head)?.[1] ?? 'application/octet-stream';
    if (name === undefined) fields[field] = bytes.toString();
    else files.push({ field, name, contentType: type, bytes });
  }
  return { fields, files };
};
