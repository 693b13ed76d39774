import { useNavigate } from '@tanstack/react-router'
import { Breadcrumb } from '../../app/TopBar'
import { Splitter } from '../../components/Splitter'
import { ancestorPaths, baseName, encodePath } from '../../lib/paths'
import { GitPanel } from './GitPanel'
import { MainView } from './MainView'
import { type ChangesSearch, changesSearch } from './place'

/** The repository around a folder, beside what changed in it. */
export function GitPage({ path, search }: { path: string; search: ChangesSearch }) {
  const navigate = useNavigate()
  const show = (place: ChangesSearch) => void navigate({ to: '/repository/$', params: { _splat: path }, search: place })
  const places = [...ancestorPaths(path), path].map((place) => ({
    label: baseName(place),
    to: `/files/${encodePath(place)}`,
  }))
  return (
    <>
      <h1 className="visually-hidden">Git of {baseName(path)}</h1>
      <Breadcrumb crumbs={[{ label: 'Files', to: '/files' }, ...places, { label: 'Git' }]} />
      <Splitter
        direction="horizontal"
        label="Width of the repository"
        storageKey="git"
        sized="second"
        initial={396}
        min={280}
        minRest={420}
      >
        <MainView
          path={path}
          isFlow={false}
          place={changesSearch({ ...search })}
          onShow={show}
          onClose={() => void navigate({ to: '/files/$', params: { _splat: path } })}
        />
        <GitPanel path={path} onShow={show} />
      </Splitter>
    </>
  )
}
