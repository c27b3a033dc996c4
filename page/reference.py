def reference(typeset):
    return "<!doctype html>"
