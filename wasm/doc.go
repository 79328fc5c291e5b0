// Package wasm runs users' functions and aggregates that are WebAssembly modules, through wazero. docs/functions.md describes what a module exports.
//
// A Module is a compiled module with its limits; it makes instances as they are needed, each with a memory of its own, and keeps idle ones. A module
// has no access to the server or its machine: WASI is there, for languages whose runtime wants it, but without files, environment or real clock.
// Whatever a module does, a call ends: it is stopped at its time limit, memory beyond the limit is not given, and a trap is an error of SQLSTATE 38000.
package wasm
