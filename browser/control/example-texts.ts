/** The examples' sources by file name. Empty here: the build puts them in (build.ts), and nothing imports an example. */
export const texts: Record<string, string> = {}
