const { PATH, NODE_COMPILE_CACHE } = process.env

/** What a program that a test runs begins with: none of the settings that this process may have. */
export const BARE_ENV = { PATH, NODE_COMPILE_CACHE } as const
