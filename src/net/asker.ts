/** Who asks: an address as octets, by which machines go, and as text, for whoever wants to read it. */

import { addressOctets, type Endpoint } from './address.ts'

/** Addresses whose octets are remembered; more than that and all are forgotten. */
const ADDRESSES_MAX = 4096

export interface Asker {
  /** Four octets, or sixteen without their scope. Another packet may change them. */
  readonly octets: Uint8Array
  /** As text: made when it is asked for, and to be kept as long as one likes. */
  readonly endpoint: Endpoint
}

/** Askers whose addresses come as text: one object for all their packets. */
export class TextAsker implements Asker {
  octets: Uint8Array = new Uint8Array(4)
  endpoint: Endpoint = { address: '0.0.0.0', port: 0 }
  readonly #known = new Map<string, Uint8Array>()

  /** This same object, standing for the client from now on. Hot. */
  at(client: Endpoint): Asker {
    this.endpoint = client
    this.octets = this.#known.get(client.address) ?? this.#read(client.address)
    return this
  }

  #read(address: string): Uint8Array {
    if (this.#known.size >= ADDRESSES_MAX) this.#known.clear()
    const octets = addressOctets(address) ?? new Uint8Array(4)
    this.#known.set(address, octets)
    return octets
  }
}
