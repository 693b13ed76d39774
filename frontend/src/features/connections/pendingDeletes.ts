import { create } from 'zustand'
import { type Connection, connectionKey, connectionKeys, deleteConnection } from '../../api/connections'
import { errorFrom } from '../../api/errors'
import { queryClient } from '../../api/queryClient'
import { toast } from '../../components/Toasts'

/**
 * A deleted key cannot be brought back, so a connection goes only when the ten seconds of undo are over, or when the
 * page is left. Until then it is out of sight.
 */
export const usePendingDeletes = create<{ keys: ReadonlySet<string> }>(() => ({ keys: new Set() }))

const undoMilliseconds = 10_000

function setPending(key: string, isPending: boolean): void {
  usePendingDeletes.setState(({ keys }) => {
    const next = new Set(keys)
    if (isPending) next.add(key)
    else next.delete(key)
    return { keys: next }
  })
}

export function deleteLater(connection: Connection): void {
  const key = connectionKey(connection)
  setPending(key, true)
  const finish = async () => {
    stop()
    try {
      const answer = await deleteConnection(connection)
      if (!answer.ok) throw await errorFrom(answer)
    } catch (error) {
      toast.fail(error, `${connection.name} was not deleted. `)
    }
    await queryClient.invalidateQueries({ queryKey: connectionKeys.all })
    setPending(key, false)
  }
  const timer = setTimeout(() => void finish(), undoMilliseconds)
  const leave = () => void finish()
  const stop = () => {
    clearTimeout(timer)
    removeEventListener('pagehide', leave)
  }
  addEventListener('pagehide', leave)
  toast.undo(`Connection ${connection.name} is being deleted.`, () => {
    stop()
    setPending(key, false)
  })
}
