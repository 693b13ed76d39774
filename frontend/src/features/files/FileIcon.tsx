import {
  IconAlignLeft,
  IconBraces,
  IconCode,
  IconFile,
  IconFolder,
  IconLink,
  IconPhoto,
  IconTable,
} from '@tabler/icons-react'

const byEnding: Record<string, typeof IconFile> = {
  py: IconCode,
  jinja2: IconAlignLeft,
  prompty: IconAlignLeft,
  md: IconAlignLeft,
  txt: IconAlignLeft,
  yaml: IconBraces,
  yml: IconBraces,
  json: IconBraces,
  jsonl: IconTable,
  csv: IconTable,
  tsv: IconTable,
  png: IconPhoto,
  jpg: IconPhoto,
  jpeg: IconPhoto,
  gif: IconPhoto,
  webp: IconPhoto,
  svg: IconPhoto,
}

export function endingOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** What a file is, by its ending. */
export function FileIcon({ name, kind }: { name: string; kind: string }) {
  const Icon = kind === 'folder' ? IconFolder : kind === 'link' ? IconLink : (byEnding[endingOf(name)] ?? IconFile)
  return <Icon size={16} stroke={1.5} aria-hidden />
}
