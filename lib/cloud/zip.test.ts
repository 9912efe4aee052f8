import * as fc from 'fast-check';
import { unzipSync } from 'fflate';
import { emptyZip, ZipSlice, ZipStateSchema, type ZipState } from './zip.ts';

const at = new Date('2026-01-31T09:30:00.000Z');

interface Written {
  readonly bytes: Buffer;
  readonly directories: readonly Buffer[];
  readonly state: ZipState;
}

const nothing: Written = { bytes: Buffer.alloc(0), directories: [], state: emptyZip };

/** Goes on as another process would: with what the one before saved. */
const goOn = (written: Written, work: (slice: ZipSlice) => void): Written => {
  const slice = new ZipSlice(ZipStateSchema.parse(JSON.parse(JSON.stringify(written.state))), at);
  work(slice);
  return {
    bytes: Buffer.concat([written.bytes, slice.bytes]),
    directories: [...written.directories, slice.directory],
    state: slice.state,
  };
};

const finish = (written: Written): Buffer =>
  goOn(written, (slice) => {
    slice.finish(written.directories);
  }).bytes;

const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
const entries = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-zʻў][a-z0-9ў./]{0,20}$/), isDeflated: fc.boolean(), contents }),
  { selector: ({ name }) => name, maxLength: 6 },
);

describe('a ZIP file', () => {
  it('holds what was written, however it was cut into slices', () => {
    fc.assert(
      fc.property(entries, (all) => {
        let written = nothing;
        for (const { name, isDeflated, contents: pieces } of all) {
          written = goOn(written, (slice) => {
            slice.begin(name, isDeflated);
          });
          for (const piece of pieces) {
            written = goOn(written, (slice) => {
              slice.write(piece);
            });
          }
          written = goOn(written, (slice) => {
            slice.end();
          });
        }
        const expected = all.map(({ name, contents: pieces }) => [name, Buffer.concat(pieces).toString('hex')]);
        const read = Object.entries(unzipSync(finish(written))).map(([name, bytes]) => [
          name,
          Buffer.from(bytes).toString('hex'),
        ]);
        expect(new Map(read.map(([name, bytes]) => [name, bytes]))).toEqual(
          new Map(expected.map(([name, bytes]) => [name, bytes])),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('is the same in one slice as in many', () => {
    const write = (slice: ZipSlice) => {
      slice.begin('client.json', true);
      slice.write(Buffer.from('{"a":'));
      slice.write(Buffer.from('1}'));
      slice.end();
    };
    const whole = new ZipSlice(emptyZip, at);
    write(whole);
    whole.finish([]);
    expect(whole.bytes).toEqual(finish(goOn(nothing, write)));
  });

  it('can have more entries than sixteen bits can count', () => {
    const slice = new ZipSlice(emptyZip, at);
    const count = 66_000;
    for (let index = 0; index < count; index += 1) {
      slice.begin(String(index), false);
      slice.end();
    }
    slice.finish([]);
    const end = slice.bytes.subarray(-22 - 20 - 56);
    expect(end.readUInt32LE(0)).toBe(0x06064b50);
    expect(Number(end.readBigUInt64LE(32))).toBe(count);
    expect(end.readUInt32LE(56)).toBe(0x07064b50);
    expect(Number(end.readBigUInt64LE(56 + 8))).toBe(slice.bytes.length - 22 - 20 - 56);
  });

  it('is not finished while a part of its directory is missing', () => {
    const written = goOn(nothing, (slice) => {
      slice.begin('a', false);
      slice.end();
    });
    const slice = new ZipSlice(written.state, at);
    expect(() => {
      slice.finish([]);
    }).toThrow('directory');
  });
});
