import type {Position} from '../diagnostic.ts'
import type {Offer} from '../offer.ts'

/** What a role offers on a host, and where that was written: a claim's variable, else the place that names the role. */
export type PlacedOffer<Of extends Offer = Offer> = {
  readonly offer: Of
  readonly host: string
  readonly role: string
  readonly at: Position | undefined
}

export const offersOf = <Kind extends Offer['offer']>(
  offers: readonly PlacedOffer[],
  kind: Kind,
): readonly PlacedOffer<Extract<Offer, {offer: Kind}>>[] =>
  offers.filter((each): each is PlacedOffer<Extract<Offer, {offer: Kind}>> => each.offer.offer === kind)
