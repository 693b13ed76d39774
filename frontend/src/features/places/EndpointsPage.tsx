import { IconBroadcast } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { Breadcrumb } from '../../app/TopBar'
import { buttonClass } from '../../components/Button'
import { EmptyState } from '../../components/EmptyState'
import { CommandList } from './CommandList'

export function EndpointsPage() {
  return (
    <>
      <Breadcrumb crumbs={[{ label: 'Endpoints' }]} />
      <EmptyState
        heading="h1"
        icon={<IconBroadcast size={20} stroke={1.5} aria-hidden />}
        title="No endpoints yet"
        actions={
          <>
            <CommandList
              commands={['python -c "from promptflow import PFClient; print(PFClient().test(flow=\'my-flow\'))"']}
            />
            <Link to="/flows" className={buttonClass()}>
              Go to Flows
            </Link>
          </>
        }
      >
        An endpoint lets applications call a flow over HTTP. Until flows are deployed from here, call a flow from your
        own code:
      </EmptyState>
    </>
  )
}
