import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type Connection,
  type ConnectionType,
  createConnection,
  type NewConnection,
  type Scope,
  updateConnection,
} from '../../api/connections'
import { type Draft, draftOf, draftProblem, fieldsOf } from './draft'

/** A connection being edited, and saving it. */
export function useConnectionDraft(
  type: ConnectionType,
  connection: Connection | null,
  onSaved: (connection: Connection) => void,
) {
  const [initial, setInitial] = useState(() => draftOf(type, connection))
  const [draft, setDraft] = useState(initial)
  const [scope, setScope] = useState<Scope>(connection?.scope ?? 'user')
  const readOnly = connection?.read_only ?? false
  const problem = draftProblem(type, draft, connection)

  const save = useMutation({
    mutationFn: () => {
      const fields = fieldsOf(type, draft, connection)
      if (connection) return updateConnection(connection, fields)
      return createConnection({ ...fields, name: draft.name.trim(), type: type.type, scope } as NewConnection)
    },
    onSuccess: (saved) => {
      const fresh = draftOf(type, saved)
      setInitial(fresh)
      setDraft(fresh)
      onSaved(saved)
    },
  })

  return {
    draft,
    change: (part: Partial<Draft>) => setDraft({ ...draft, ...part }),
    discard: () => setDraft(initial),
    isChanged: JSON.stringify(draft) !== JSON.stringify(initial),
    scope,
    setScope,
    readOnly,
    problem,
    save: () => {
      if (!problem && !readOnly) save.mutate()
    },
    isSaving: save.isPending,
    error: save.error,
  }
}

export type ConnectionEdit = ReturnType<typeof useConnectionDraft>
