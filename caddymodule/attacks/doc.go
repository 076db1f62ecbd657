// Package attacks holds tests only: what was published against systems that do our job, tried on the real binary.
//
// Each test bears the id of a row of the table in SECURITY.md, which names the advisory. It asserts that the request is
// refused, and that nothing moved: here every request that reaches the bot is an act.
package attacks
