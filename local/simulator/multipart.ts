/** Reads `multipart/form-data` (RFC 7578): texts, and files by their names. */
export const parseMultipart = (body: Buffer, contentType: string): Record<string, string> => {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary === undefined) return {};
  const parts = body.toString('latin1').split(`--${boundary}`).slice(1, -1);
  return Object.fromEntries(
    parts.map((part) => {
      const [head = '', ...rest] = part.split('\r\n\r\n');
      const name = /\bname="([^"]*)"/i.exec(head)?.[1] ?? '';
      const filename = /\bfilename="([^"]*)"/i.exec(head)?.[1];
      const content = Buffer.from(rest.join('\r\n\r\n').replace(/\r\n$/, ''), 'latin1').toString();
      return [name, filename === undefined ? content : `attach://${Buffer.from(filename, 'latin1').toString()}`];
    }),
  );
};
