"""Makes an application that answers what it was made with."""


def create_app(text='nothing', more=None):
    def application(environ, start_response):
        start_response('200 OK', [('Content-Type', 'text/plain')])
        return [('%s %s' % (text, more)).encode()]

    return application
