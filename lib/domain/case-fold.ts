/**
 * What differs in nothing but case becomes the same. Accents are kept apart, and no language has rules of its own: going
 * up before going down is what joins ß and ss; ẞ, which is up already, is told by name. A small sigma has one form
 * wherever it stands, so that what a text begins with folds to what the folded text begins with.
 */
export const foldCase = (text: string): string =>
  text.normalize('NFC').toUpperCase().replaceAll('ẞ', 'SS').toLowerCase().replaceAll('ς', 'σ').normalize('NFC');
