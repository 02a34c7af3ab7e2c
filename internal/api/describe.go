package api

import (
	"github.com/danielgtaylor/huma/v2"
)

func onceHeader() []*huma.Param {
	return []*huma.Param{{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
		Description: "The same key and body give the same answer for 48 hours."}}
}

func idParam() *huma.Param {
	return &huma.Param{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}
}

// file describes an answer that is a file.
func file(mediaType string) map[string]*huma.Response {
	return map[string]*huma.Response{
		"200": {Description: "The file", Content: map[string]*huma.MediaType{mediaType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}},
		"401": {Description: "No token"}, "404": {Description: "Not there, or not yours"},
	}
}
