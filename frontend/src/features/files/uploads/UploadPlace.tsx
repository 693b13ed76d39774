import { lazy, Suspense, useState } from 'react'
import { keptUploads, useUploads } from './state'

const UploadPanel = lazy(() => import('./UploadPanel').then((module) => ({ default: module.UploadPanel })))
const ClashDialog = lazy(() => import('./ClashDialog').then((module) => ({ default: module.ClashDialog })))

/** Where uploads show how far they are; takes no room, and loads no code, where there are none. */
export function UploadPlace() {
  const isBusy = useUploads((state) => state.isPreparing || state.files > 0)
  const clash = useUploads((state) => state.clash)
  const [hasKept] = useState(() => keptUploads().length > 0)
  return (
    <Suspense>
      {(isBusy || hasKept) && <UploadPanel />}
      {clash && <ClashDialog key={clash.path} clash={clash} />}
    </Suspense>
  )
}
