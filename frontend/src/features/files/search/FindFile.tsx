import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, unwrap } from '../../../api/client'
import { errorText } from '../../../api/errors'
import { type Choice, Chooser } from '../../../app/Chooser'
import { baseName, parentPath } from '../../../lib/paths'
import { FileIcon } from '../FileIcon'
import type { OpenFound } from './finding'
import { holdsLetters, letterPieces } from './letters'
import { Pieces } from './Pieces'
import { recentFiles } from './recent'

const mostRecent = 8
const mostFound = 60

interface FindFileProps {
  /** The folder in which to find something; empty for the whole share. */
  root: string
  onOpen: OpenFound
  onClose: () => void
}

function useNames(root: string, query: string) {
  return useQuery({
    queryKey: ['names', root, query],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/api/search/names', { params: { query: { root, q: query, limit: mostFound } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 2000,
    retry: false,
  })
}

/** Finds a file or folder by some letters of its path, the ones opened lately first. */
export function FindFile({ root, onOpen, onClose }: FindFileProps) {
  const [query, setQuery] = useState('')
  const { data, error, isPlaceholderData } = useNames(root, query)
  const below = (path: string) => (root === '' ? path.replace(/^Users\//, '') : path.slice(root.length + 1))
  const recent = useMemo(() => recentFiles(root), [root])
  const choiceOf = (path: string, kind: string, group: string): Choice => ({
    id: `${group} ${path}`,
    group,
    icon: <FileIcon name={baseName(path)} kind={kind} />,
    label: <Pieces pieces={letterPieces(query, baseName(path))} />,
    where: <Pieces pieces={letterPieces(query, parentPath(below(path)))} />,
    run: () => onOpen(path),
  })
  const lately = recent.filter((path) => holdsLetters(query, below(path))).slice(0, mostRecent)
  const found = (data?.entries ?? []).filter(({ path }) => !lately.includes(path) && holdsLetters(query, below(path)))
  return (
    <Chooser
      label="Find a file"
      placeholder={root === '' ? 'Letters of a name or path' : `Letters of a name or path in ${baseName(root)}`}
      query={query}
      onQuery={setQuery}
      choices={[
        ...lately.map((path) => choiceOf(path, 'file', 'Opened lately')),
        ...found.map(({ path, kind }) => choiceOf(path, kind, 'Files and folders')),
      ]}
      none={error ? errorText(error) : data && !isPlaceholderData ? 'Nothing has these letters in its path.' : null}
      note={data && !data.complete && 'There are too many files to look at all of them; some may be missing here.'}
      onClose={onClose}
    />
  )
}
