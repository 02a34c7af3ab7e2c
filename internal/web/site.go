package web

func (s *Server) siteRoutes() {}
