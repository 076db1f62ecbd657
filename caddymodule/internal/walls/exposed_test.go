package walls_test

import (
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// each calls visit for every function, method, type, variable and constant of files, with the expressions that its user
// gets to see: parameters and results, exported and embedded fields, the type or else the value.
func each(files []*ast.File, visit func(name string, exposed []ast.Expr)) {
	for _, f := range files {
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				visit(d.Name.Name, []ast.Expr{d.Type})
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					eachSpec(spec, visit)
				}
			}
		}
	}
}

func eachSpec(spec ast.Spec, visit func(name string, exposed []ast.Expr)) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		visit(s.Name.Name, append(fieldTypes(s.TypeParams, false), s.Type))
	case *ast.ValueSpec:
		exposed := s.Values
		if s.Type != nil {
			exposed = []ast.Expr{s.Type}
		}
		for _, name := range s.Names {
			visit(name.Name, exposed)
		}
	}
}

// mentions reports whether an identifier in exposed is one of names.
func mentions(exposed []ast.Expr, names map[string]bool) bool {
	found := false
	for _, e := range exposed {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				found = found || names[n.Name]
			case *ast.SelectorExpr: // the name after the dot is another package's or type's
				found = found || mentions([]ast.Expr{n.X}, names)
				return false
			case *ast.StructType:
				found = found || mentions(fieldTypes(n.Fields, true), names)
				return false
			case *ast.InterfaceType:
				found = found || mentions(fieldTypes(n.Methods, false), names)
				return false
			case *ast.FuncType:
				for _, list := range []*ast.FieldList{n.TypeParams, n.Params, n.Results} {
					found = found || mentions(fieldTypes(list, false), names)
				}
				return false
			}
			return !found
		})
	}
	return found
}

// fieldTypes gives the types in list, not its names; with exported, those of exported and embedded fields only.
func fieldTypes(list *ast.FieldList, exported bool) []ast.Expr {
	if list == nil {
		return nil
	}
	var types []ast.Expr
	for _, field := range list.List {
		seen := !exported || len(field.Names) == 0
		for _, name := range field.Names {
			seen = seen || name.IsExported()
		}
		if seen {
			types = append(types, field.Type)
		}
	}
	return types
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// localName is the name by which a file knows an imported package.
func localName(spec *ast.ImportSpec, imported string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	base := path.Base(imported)
	if majorVersion.MatchString(base) {
		base = path.Base(path.Dir(imported))
	}
	return strings.TrimPrefix(base, "go-")
}
