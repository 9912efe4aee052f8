declare module 'njre' {
  /** Fetches a Java runtime into the folder `jre` beside `installPath`. */
  export const install: (version: number, options: { readonly installPath: string }) => Promise<string>;
}
