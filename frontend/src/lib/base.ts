/** Where the studio is mounted: `''`, or a prefix like `/tools/pfstudio`. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/$/, '')

/** The address of a path of the studio, such as `/api/flows`. */
export function address(path: string): string {
  return `${basePath}${path}`
}

export const cspNonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? ''
