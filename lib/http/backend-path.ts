/** The one of the backend's paths that a path is or is below, at a segment boundary: `/user/loginX` belongs to none. */
export const backendPathOf = (path: string, paths: readonly string[]): string | undefined =>
  paths.find(each => path.startsWith(each) && (path.length === each.length || path[each.length] === '/'))

const LOGIN_PATH = '/user/login'

/** Where logins go, of the paths that belong to the backend: `/user/login` where it is among them, else the first. */
export const loginPathOf = (paths: readonly string[]): string | undefined =>
  paths.find(each => each === LOGIN_PATH) ?? paths[0]
