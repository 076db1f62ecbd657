// Package walls keeps the house's import rules: which room may import or reach what. It holds tests only.
//
// The rules are a table (walls_test.go). A pure function compares them with what the compiler says about every package,
// and a second test breaks each rule once and wants to hear of it, so that no wall is made of paper.
package walls
