from promptflow.core import tool

STEPS = {
    "login password sign account locked": "Open the sign-in page, choose 'New password' and follow the link we send you.",
    "crash crashes error start starts freeze": "Update to the newest version. If it still happens, send us the file crash.log.",
    "slow loading wait minutes": "Close other programs and clear the cache in the settings.",
    "install installation setup download": "Download the installer again and run it as administrator.",
}


@tool
def find_steps(request: str) -> str:
    """The first help that has words in common with the request; all of it where none has."""
    said = set(request.lower().replace(",", " ").replace(".", " ").split())
    best = max(STEPS, key=lambda words: len(said & set(words.split())))
    return STEPS[best] if said & set(best.split()) else "\n".join(STEPS.values())
