import os, runpy
def preload(): pass
def run_test(request, emitter):
    emitter.emit({"event":"node_started","node":"n"})
    g = runpy.run_path(request["flow"])
    return {"status":"Completed","output":g.get("out")}
