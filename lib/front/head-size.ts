/** Node's own, which a head may always have. */
const LEAST = 16 * 1024
/** The part of the memory that heads which are not whole yet may fill, all together. */
const SHARE = 1 / 8

/**
 * How large a head may be on a connection that comes now, in bytes. With many connections open, those that come have less:
 * as many heads of MAX_HEADER that never end would fill a small task.
 * @param open how many there are
 * @param most MAX_HEADER
 * @param memory of the task, in bytes
 */
export const headSizeAt = (open: number, most: number, memory: number): number =>
  open * most <= memory * SHARE ? most : Math.min(most, LEAST)
