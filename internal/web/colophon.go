package web

import "safelight/internal/i18n"

// photos names the authors of the photographs that the shop's pages show, the
// front page's first.
func (s *Server) photos(p *i18n.Printer) []Credit {
	all := photos(p)
	if h := s.Shop.Hero; h != nil {
		all[0] = Credit{Work: h.Photo.Work, Author: h.Photo.Author, License: Link{h.Photo.License, h.Photo.URL}, Note: all[0].Note}
	}
	return all
}

// photos names the authors of the product's own photographs.
func photos(p *i18n.Printer) []Credit {
	return []Credit{
		{Work: "Picture 0B", Author: "Trevor “Freespace”, 2018", License: Link{"CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"}, Note: p.T("web.colophon_hero")},
		{Work: "Seeding", Author: "Clemens Engelhardt, 2018", License: Link{"CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"}, Note: p.T("web.colophon_entry")},
	}
}

// software names the networks that enlarge, and what the pages are set in and
// moved by.
func software() []Credit {
	return []Credit{
		{Work: "waifu2x", Author: "nagadomi", License: Link{"MIT", "https://github.com/nagadomi/waifu2x"}},
		{Work: "Commissioner", Author: "The Commissioner Project Authors", License: Link{"SIL OFL 1.1", "https://openfontlicense.org/"}},
		{Work: "htmx", Author: "Big Sky Software", License: Link{"0BSD", "https://github.com/bigskysoftware/htmx"}},
		{Work: "tus-js-client", Author: "Transloadit Ltd and contributors", License: Link{"MIT", "https://github.com/tus/tus-js-client"}},
	}
}
