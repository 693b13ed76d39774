/** Sorting as people count: `file 2` before `file 10`, whatever the case and accents. */

/** A text whose plain order is that of people. Much faster than a collator on folders of ten thousand. */
export function naturalKey(text: string): string {
  const plain = /^[\u0020-\u007e]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')
  return plain.toLowerCase().replace(/\d+/g, padded)
}

const padded = (digits: string) => (digits.startsWith('0') ? digits.replace(/^0+(?=\d)/, '') : digits).padStart(16, '0')

/** Orders items by numbers, or by texts as people count. */
export function sortedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number,
  descending = false,
): Item[] {
  return sortedByKey(
    items,
    (item) => {
      const key = keyOf(item)
      return typeof key === 'number' ? key : naturalKey(key)
    },
    descending,
  )
}

/** Orders items by numbers, or by texts that are natural keys already. */
export function sortedByKey<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string | number,
  descending = false,
): Item[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }))
  const sign = descending ? -1 : 1
  keyed.sort((one, other) => (one.key < other.key ? -sign : one.key > other.key ? sign : 0))
  return keyed.map(({ item }) => item)
}
