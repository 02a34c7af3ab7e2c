package web

func (s *Server) liveRoutes() {}
