package web

func (s *Server) shopRoutes() {}
