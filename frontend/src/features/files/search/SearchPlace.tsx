import { lazy, Suspense } from 'react'
import type { Finding, OpenFound } from './finding'

const SearchPanel = lazy(() => import('./SearchPanel').then((module) => ({ default: module.SearchPanel })))

/** Instead of the tree: the search through the content of files. Its code comes when it is first asked for. */
export function SearchPlace({ finding, onOpen }: { finding: Finding; onOpen: OpenFound }) {
  if (finding.searched === null) return null
  return (
    <Suspense>
      <SearchPanel root={finding.root} folder={finding.searched} onOpen={onOpen} onClose={finding.stop} />
    </Suspense>
  )
}
