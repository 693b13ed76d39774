import { send } from '../../../api/client'
import type { components } from '../../../api/schema'

export type ContentMatch = components['schemas']['ContentMatch']

export interface SearchQuery {
  root: string
  text: string
  isRegex: boolean
  isCaseSensitive: boolean
  include: string
  exclude: string
  /** Whether files that a `.gitignore` names are searched as well. */
  ignored: boolean
}

export interface FoundFile {
  path: string
  matches: ContentMatch[]
}

/** Why a search is over: all was searched, or what stopped it. */
export type SearchEnd = 'all' | 'matches' | 'time' | 'failure'

interface Done {
  done: true
  stopped_by: Exclude<SearchEnd, 'all'> | null
}

type Line = (FoundFile & { done?: undefined }) | Done

function addressOf({ root, text, isRegex, isCaseSensitive, include, exclude, ignored }: SearchQuery): string {
  const asked = new URLSearchParams({
    root,
    q: text,
    regex: String(isRegex),
    case: String(isCaseSensitive),
    include,
    exclude,
    ignored: String(ignored),
  })
  return `/api/search/content?${asked}`
}

/** Searches the content of files. `onFound` hears of each file as it is found; the end says whether that is all. */
export async function searchContent(
  query: SearchQuery,
  signal: AbortSignal,
  onFound: (file: FoundFile) => void,
): Promise<SearchEnd> {
  const response = await send(addressOf(query), { signal })
  let end: SearchEnd = 'failure'
  for await (const line of linesOf(response)) {
    const said = JSON.parse(line) as Line
    if (said.done) end = said.stopped_by ?? 'all'
    else onFound(said)
  }
  return end
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) return
  let rest = ''
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const lines = (rest + read.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
  }
  if (rest !== '') yield rest
}
