/** The largest file that is taken from a user or kept of a client's, in bytes. */
export const MAX_FILE_BYTES = 25 * 1024 * 1024;

/** How many files one message may carry, whatever the provider. */
export const MAX_ATTACHMENTS = 10;

/**
 * What may be uploaded, by media type, with the extensions that fit a name; the first is the usual one. Nothing that a
 * browser would run is among it: no HTML, no SVG, no scripts, no programs, no documents with macros.
 */
const FILE_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  'image/jpeg': ['jpg', 'jpeg'],
  'image/png': ['png'],
  'image/gif': ['gif'],
  'image/webp': ['webp'],
  'image/avif': ['avif'],
  'image/heic': ['heic'],
  'image/heif': ['heif'],
  'image/bmp': ['bmp'],
  'image/tiff': ['tiff', 'tif'],
  'audio/mpeg': ['mp3', 'mpga'],
  'audio/mp4': ['m4a', 'mp4'],
  'audio/aac': ['aac'],
  'audio/ogg': ['ogg', 'oga', 'opus'],
  'audio/wav': ['wav'],
  'audio/amr': ['amr'],
  'audio/flac': ['flac'],
  'audio/webm': ['weba', 'webm'],
  'audio/3gpp': ['3gp'],
  'video/mp4': ['mp4', 'm4v'],
  'video/quicktime': ['mov', 'qt'],
  'video/webm': ['webm'],
  'video/ogg': ['ogv', 'ogg'],
  'video/mpeg': ['mpeg', 'mpg'],
  'video/3gpp': ['3gp'],
  'application/pdf': ['pdf'],
  'application/rtf': ['rtf'],
  'application/msword': ['doc'],
  'application/vnd.ms-excel': ['xls'],
  'application/vnd.ms-powerpoint': ['ppt'],
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': ['docx'],
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': ['xlsx'],
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': ['pptx'],
  'application/vnd.oasis.opendocument.text': ['odt'],
  'application/vnd.oasis.opendocument.spreadsheet': ['ods'],
  'application/vnd.oasis.opendocument.presentation': ['odp'],
  'application/zip': ['zip'],
  'text/plain': ['txt', 'text', 'log', 'md'],
  'text/csv': ['csv'],
  'text/vcard': ['vcf', 'vcard'],
  'text/calendar': ['ics'],
};

export const FILE_TYPES: readonly string[] = Object.keys(FILE_EXTENSIONS);

/** The extensions that fit a type, the usual one first; none for a type that cannot be uploaded. */
export const extensionsOf = (contentType: string): readonly string[] => FILE_EXTENSIONS[contentType] ?? [];

/** Pictures made of dots, sound and film: what a browser may show in its own page. */
export const isShownInline = (contentType: string): boolean =>
  FILE_TYPES.includes(contentType) && /^(image|audio|video)\//.test(contentType);
