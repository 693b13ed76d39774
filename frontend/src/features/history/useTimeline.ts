import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useEvents } from '../../api/events'
import { historyKeys, timelineQuery } from '../../api/history'
import { queryClient } from '../../api/queryClient'
import { isInside } from '../../lib/paths'

/** The timeline of a path as far as it has been asked for; it follows what happens on disk. */
export function useTimeline(path: string, every: boolean) {
  const query = useInfiniteQuery(timelineQuery(path, every))
  const entries = useMemo(() => query.data?.pages.flatMap((page) => page.entries) ?? [], [query.data])
  const unit = query.data?.pages[0]?.unit
  useEvents(unit?.includes('/') ? [unit] : [], (event) => {
    const isAbout = event.type === 'rescan' || event.changes.some((change) => isInside(change.path, path))
    if (!isAbout) return
    void queryClient.invalidateQueries({ queryKey: historyKeys.timeline(path) })
    void queryClient.invalidateQueries({ queryKey: historyKeys.diff(path) })
  })
  return {
    entries,
    /** The flow or folder whose history it is part of. */
    unit: unit ?? null,
    note: query.data?.pages[0]?.note ?? null,
    isPending: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    retry: () => void query.refetch(),
  }
}

export type TimelineState = ReturnType<typeof useTimeline>
