/** Style sheets are imported for esbuild, which collects them into one file; they export nothing. */
declare module '*.css'
