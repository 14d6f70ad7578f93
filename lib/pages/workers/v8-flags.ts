/**
 * V8 collects a heap with a low end far more often: the same page took 30 % more CPU (docs/decisions/0007). Node's compile cache is one of
 * these flags (command/compile-cache.ts).
 */
export const LIKE_A_LARGE_HEAP = ['--heap-growing-percent=300', '--max-semi-space-size=16']
