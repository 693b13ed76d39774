import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { statusQuery } from '../../api/status'
import { buttonClass } from '../../components/Button'
import { Note } from '../../components/Note'

const usually = 60_000
const whileFull = 5_000

/** On every page while the disk is full and nothing can be saved; it goes by itself once there is room again, and what could
 *  not be read meanwhile is read. */
export function ReadOnlyBanner() {
  const { data } = useQuery({
    ...statusQuery,
    refetchInterval: ({ state }) => (state.data?.storage.read_only ? whileFull : usually),
  })
  const queryClient = useQueryClient()
  const isReadOnly = data?.storage.read_only ?? false
  useEffect(() => {
    if (!isReadOnly) return
    return () => void queryClient.refetchQueries({ type: 'active', predicate: ({ state }) => state.status === 'error' })
  }, [isReadOnly, queryClient])
  if (!isReadOnly || !data) return null
  return (
    <section aria-label="Read-only studio">
      <Note
        tone="danger"
        bar
        role="alert"
        actions={
          <Link to="/space" className={buttonClass('default', 'small')}>
            Show space
          </Link>
        }
      >
        {data.storage.note}
      </Note>
    </section>
  )
}
