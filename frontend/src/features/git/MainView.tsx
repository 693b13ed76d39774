import { lazy, Suspense } from 'react'
import type { ChangesViewProps } from './ChangesView'

// They bring the editor and the reader of flow files along.
const ChangesView = lazy(() => import('./ChangesView').then((module) => ({ default: module.ChangesView })))
const MergeView = lazy(() => import('./MergeView').then((module) => ({ default: module.MergeView })))

/** What changed, or the merge that is open. */
export function MainView(props: ChangesViewProps) {
  return <Suspense>{props.place.git === 'merge' ? <MergeView {...props} /> : <ChangesView {...props} />}</Suspense>
}
