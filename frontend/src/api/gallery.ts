import { queryOptions } from '@tanstack/react-query'
import { api, unwrap } from './client'
import type { components } from './schema'

export type GalleryEntry = components['schemas']['GalleryEntry']

export const galleryQuery = queryOptions({
  queryKey: ['gallery'],
  queryFn: async ({ signal }) => (await unwrap(api.GET('/api/gallery', { signal }))).entries as GalleryEntry[],
  staleTime: Number.POSITIVE_INFINITY,
})
