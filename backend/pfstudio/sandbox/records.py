def node_record(run): return {}
