/** Which methods of the official SDK were called, and which not. */

import { APIResource } from 'cloudflare/core/resource'

/**
 * Watches the methods of a resource, and of what lies below it unless it is to be alone. Their places, as
 * `dns.records.list`, stand in `uncalled` until they are called.
 */
export function watch(resource: APIResource, place: string, uncalled: Set<string>, { alone = false } = {}): void {
  for (const name of methodsOf(resource)) watchMethod(resource, name, () => uncalled.delete(`${place}.${name}`))
  for (const name of methodsOf(resource)) uncalled.add(`${place}.${name}`)
  if (alone) return
  for (const [name, part] of Object.entries(resource))
    if (part instanceof APIResource) watch(part, `${place}.${name}`, uncalled)
}

function watchMethod(resource: APIResource, name: string, called: () => void): void {
  const method = Reflect.get(resource, name) as (...given: unknown[]) => unknown
  Reflect.set(resource, name, (...given: unknown[]): unknown => {
    called()
    return Reflect.apply(method, resource, given)
  })
}

/** Names of methods, of classes above included. */
function methodsOf(resource: APIResource): Set<string> {
  const names = new Set<string>()
  for (
    let at = Object.getPrototypeOf(resource) as object;
    at !== APIResource.prototype;
    at = Object.getPrototypeOf(at) as object
  )
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name)
  return names
}
