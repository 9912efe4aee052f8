/**
 * What differs in nothing but case becomes the same. Accents are kept apart, and no language has rules of its own: going
 * up before going down is what joins ß and ss, and the two forms of a small sigma.
 */
export const foldCase = (text: string): string => text.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
