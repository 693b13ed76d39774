import { cspNonce } from '../../lib/base'

/**
 * xterm.js writes style elements and style attributes as text, and the page's policy lets neither in. Style elements get
 * the nonce (`withNonces`). The attributes of the spans that it makes go through their style object, which may.
 */
HTMLSpanElement.prototype.setAttribute = function (name: string, value: string): void {
  if (name === 'style') this.style.cssText = value
  else Element.prototype.setAttribute.call(this, name, value)
}

/** Does `act` while style elements are made with the nonce. */
export function withNonces(act: () => void): void {
  const make = document.createElement.bind(document)
  document.createElement = ((tag: string) => {
    const element = make(tag)
    if (tag === 'style') element.nonce = cspNonce
    return element
  }) as typeof document.createElement
  try {
    act()
  } finally {
    Reflect.deleteProperty(document, 'createElement') // What is left is the prototype's.
  }
}
