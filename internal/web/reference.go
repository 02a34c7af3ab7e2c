package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"safelight/internal/serve"
)

// reference shows the calls of the API as its own description tells them.
func (s *Server) reference(w http.ResponseWriter, r *http.Request) error {
	page, err := s.page(r, serve.Printer(r.Context()).T("web.reference"), "")
	if err != nil {
		return err
	}
	v := ReferenceView{Page: page, Base: s.site.Base() + "/api/v1"}
	v.Curl = "curl -H \"Authorization: Bearer $TOKEN\" \\\n  -F file=@photo.jpg \\\n  " + v.Base + "/images"
	if s.Describe != nil {
		text, err := s.Describe()
		if err != nil {
			return fmt.Errorf("web: the API's description: %w", err)
		}
		if v.Groups, err = callGroups(text); err != nil {
			return fmt.Errorf("web: the API's description: %w", err)
		}
	}
	return s.render(w, r, http.StatusOK, Reference(v))
}

// callGroups reads the calls of an OpenAPI document: those about one thing
// together, by address and method.
func callGroups(openapi []byte) ([]CallGroup, error) {
	var d struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(openapi, &d); err != nil {
		return nil, err
	}
	groups := map[string][]Call{}
	for path, methods := range d.Paths {
		for method, raw := range methods {
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, method) {
				continue // what all calls of the path share
			}
			var op struct {
				Tags        []string `json:"tags"`
				Summary     string   `json:"summary"`
				Description string   `json:"description"`
			}
			if err := json.Unmarshal(raw, &op); err != nil {
				return nil, err
			}
			tag := strings.Join(op.Tags, ", ")
			groups[tag] = append(groups[tag], Call{strings.ToUpper(method), path, op.Summary, op.Description})
		}
	}
	return ordered(groups), nil
}

func ordered(groups map[string][]Call) []CallGroup {
	all := []CallGroup{}
	for name, calls := range groups {
		slices.SortFunc(calls, func(a, b Call) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
		all = append(all, CallGroup{name, calls})
	}
	slices.SortFunc(all, func(a, b CallGroup) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
