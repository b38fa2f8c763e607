"""The console for programs: the same desk and checks, in JSON. `door` is the way of a request,
`route` its table, `spec` writes it down; `resources` are what can be asked for."""
