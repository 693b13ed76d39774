import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useStore } from 'zustand'
import { buildEnvironment, type Environment, environmentQuery, refreshEnvironment } from '../../api/environments'
import { Button } from '../../components/Button'
import { ErrorMessage, Note } from '../../components/Note'
import type { FileSession } from '../editor/FileSession'
import { showEnvironment } from './panelState'
import { said } from './words'

function sentenceOf({ state }: Environment, short: string): string {
  if (state === 'ready') return 'What the file names is installed.'
  if (state === 'default') return 'The file names nothing to install.'
  return state === 'building' ? `${short}.` : `${short}. The next run installs them.`
}

export interface RequirementsBarProps {
  path: string
  file: FileSession
  name: string
}

/** Over the editor of the flow's requirements: what has been saved is installed by a click, or by the next run. */
export function RequirementsBar({ path, file, name }: RequirementsBarProps) {
  const { data: environment } = useQuery(environmentQuery(path))
  const [busy, setBusy] = useState<'install' | 'save' | null>(null)
  const [error, setError] = useState<unknown>(null)
  useStore(file.state)
  if (!environment?.may_build || (environment.file ?? 'requirements.txt') !== name) return null

  async function save(kind: 'install' | 'save') {
    setBusy(kind)
    setError(null)
    try {
      await file.save()
      if (kind === 'save') await refreshEnvironment(path)
      else if ((await buildEnvironment(path, false)).state === 'building') showEnvironment(path)
    } catch (failure) {
      setError(failure)
      await refreshEnvironment(path)
    } finally {
      setBusy(null)
    }
  }

  const { status, short } = said(environment)
  const actions = (
    <>
      <Button size="small" busy={busy === 'save'} onClick={() => void save('save')}>
        Save only
      </Button>
      <Button
        size="small"
        variant="primary"
        busy={busy === 'install'}
        disabledReason={environment.state === 'building' ? 'The packages are being installed.' : null}
        onClick={() => void save('install')}
      >
        Save and install
      </Button>
    </>
  )
  if (error) return <ErrorMessage bar title="The packages were not installed." error={error} actions={actions} />
  const tone = status === 'failed' ? 'danger' : status === 'warning' ? 'warning' : 'neutral'
  return (
    <Note bar tone={tone} actions={actions}>
      {environment.problem ?? sentenceOf(environment, short)}
    </Note>
  )
}
