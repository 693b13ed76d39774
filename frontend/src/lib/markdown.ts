/** Reads the Markdown of a README into plain data. Raw HTML stays text, so nothing in it can run. */

export type Inline =
  | { type: 'text'; text: string }
  | { type: 'code'; text: string }
  | { type: 'strong' | 'emphasis' | 'deleted'; children: Inline[] }
  | { type: 'link'; href: string; children: Inline[] }

export type Block =
  | { type: 'heading'; level: number; children: Inline[] }
  | { type: 'paragraph'; children: Inline[] }
  | { type: 'code'; language: string; text: string }
  | { type: 'list'; ordered: boolean; items: Block[][] }
  | { type: 'quote'; children: Block[] }
  | { type: 'table'; head: Inline[][]; rows: Inline[][][] }
  | { type: 'rule' }

const fence = /^\s{0,3}(```+|~~~+)\s*([\w+-]*)/
const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*$/
const bullet = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/
const rule = /^\s{0,3}([-*_])(\s*\1){2,}\s*$/
const quote = /^\s{0,3}>\s?/
const indented = /^(?: {4}|\t)/
const tableRule = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/

export function readMarkdown(text: string): Block[] {
  return readBlocks(text.replace(/\r\n?/g, '\n').split('\n'))
}

function readBlocks(lines: string[]): Block[] {
  const blocks: Block[] = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.trim() === '') {
      at += 1
      continue
    }
    const [block, next] = readBlock(lines, at)
    blocks.push(block)
    at = next
  }
  return blocks
}

function readBlock(lines: string[], at: number): [Block, number] {
  const line = lines[at] ?? ''
  if (indented.test(line)) return readIndented(lines, at)
  const fenced = fence.exec(line)
  if (fenced) return readFence(lines, at, fenced[1] ?? '```', fenced[2] ?? '')
  const titled = heading.exec(line)
  if (titled) return [{ type: 'heading', level: titled[1]?.length ?? 1, children: readInline(titled[2] ?? '') }, at + 1]
  if (rule.test(line)) return [{ type: 'rule' }, at + 1]
  if (quote.test(line)) return readQuote(lines, at)
  if (bullet.test(line)) return readList(lines, at)
  if (line.includes('|') && tableRule.test(lines[at + 1] ?? '')) return readTable(lines, at)
  return readParagraph(lines, at)
}

function readFence(lines: string[], at: number, mark: string, language: string): [Block, number] {
  let end = at + 1
  while (end < lines.length && !lines[end]?.trim().startsWith(mark)) end += 1
  return [{ type: 'code', language, text: lines.slice(at + 1, end).join('\n') }, end + 1]
}

function readIndented(lines: string[], at: number): [Block, number] {
  let end = at
  while (end < lines.length && (indented.test(lines[end] ?? '') || lines[end]?.trim() === '')) end += 1
  const code = lines.slice(at, end).map((line) => line.replace(indented, ''))
  return [{ type: 'code', language: '', text: code.join('\n').trimEnd() }, end]
}

function readQuote(lines: string[], at: number): [Block, number] {
  let end = at
  while (end < lines.length && quote.test(lines[end] ?? '')) end += 1
  const inner = lines.slice(at, end).map((line) => line.replace(quote, ''))
  return [{ type: 'quote', children: readBlocks(inner) }, end]
}

function readList(lines: string[], at: number): [Block, number] {
  const first = bullet.exec(lines[at] ?? '')
  const indent = first?.[1]?.length ?? 0
  const ordered = /\d/.test(first?.[2] ?? '')
  const items: string[][] = []
  let next = at
  while (next < lines.length) {
    const line = lines[next] ?? ''
    const item = bullet.exec(line)
    const isBlank = line.trim() === ''
    if (item && (item[1]?.length ?? 0) <= indent + 1) {
      if ((item[1]?.length ?? 0) < indent || /\d/.test(item[2] ?? '') !== ordered) break
      items.push([item[3] ?? ''])
    } else if (isBlank && !/^\s+\S|^\s*([-*+]|\d+[.)])\s/.test(lines[next + 1] ?? '')) break
    else if (!isBlank && !/^\s/.test(line) && lines[next - 1]?.trim() === '') break
    else items.at(-1)?.push(line.replace(new RegExp(`^\\s{0,${indent + (ordered ? 3 : 2)}}`), ''))
    next += 1
  }
  return [{ type: 'list', ordered, items: items.map(readBlocks) }, next]
}

function readTable(lines: string[], at: number): [Block, number] {
  let end = at + 2
  while (end < lines.length && lines[end]?.includes('|')) end += 1
  const cells = (line: string) =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => readInline(cell.trim().replaceAll('\\|', '|')))
  return [{ type: 'table', head: cells(lines[at] ?? ''), rows: lines.slice(at + 2, end).map(cells) }, end]
}

function readParagraph(lines: string[], at: number): [Block, number] {
  let end = at + 1
  while (end < lines.length && lines[end]?.trim() !== '' && !startsBlock(lines[end] ?? '')) end += 1
  return [{ type: 'paragraph', children: readInline(lines.slice(at, end).join('\n')) }, end]
}

function startsBlock(line: string): boolean {
  return fence.test(line) || heading.test(line) || quote.test(line) || bullet.test(line) || rule.test(line)
}

const inline =
  /(?<code>`+)(?<codeText>[\s\S]*?[^`])\k<code>(?!`)|!\[(?<alt>[^\]]*)\]\([^)]*\)|\[(?<label>(?:[^[\]]|\[[^\]]*\])*)\]\((?<href>[^()\s]+(?:\([^()\s]*\))?)[^)]*\)|<(?<auto>https?:\/\/[^>\s]+)>|(?<strong>\*\*|__)(?=\S)(?<strongText>[\s\S]*?\S)\k<strong>|(?<em>\*|(?<!\w)_)(?=\S)(?<emText>[\s\S]*?\S)\k<em>(?!\w)|~~(?<del>[\s\S]+?)~~|\\(?<escaped>[\\`*_{}[\]()#+.!|~<>-])/g

function readInline(text: string): Inline[] {
  const found: Inline[] = []
  let last = 0
  for (const match of text.matchAll(inline)) {
    if (match.index > last) found.push({ type: 'text', text: text.slice(last, match.index) })
    found.push(inlineOf(match.groups ?? {}))
    last = match.index + match[0].length
  }
  if (last < text.length) found.push({ type: 'text', text: text.slice(last) })
  return found
}

function inlineOf(groups: Record<string, string | undefined>): Inline {
  if (groups.codeText !== undefined) return { type: 'code', text: groups.codeText.trim() }
  if (groups.alt !== undefined) return { type: 'text', text: groups.alt }
  if (groups.auto !== undefined) {
    return { type: 'link', href: groups.auto, children: [{ type: 'text', text: groups.auto }] }
  }
  if (groups.label !== undefined) return linkOf(groups.href ?? '', readInline(groups.label))
  if (groups.strongText !== undefined) return { type: 'strong', children: readInline(groups.strongText) }
  if (groups.emText !== undefined) return { type: 'emphasis', children: readInline(groups.emText) }
  if (groups.del !== undefined) return { type: 'deleted', children: readInline(groups.del) }
  return { type: 'text', text: groups.escaped ?? '' }
}

/** Only web and mail addresses become links: a relative one would lead somewhere inside the studio. */
function linkOf(href: string, children: Inline[]): Inline {
  return /^(https?:\/\/|mailto:)/i.test(href) ? { type: 'link', href, children } : { type: 'emphasis', children }
}
