# The API of `npm run backends` by Rack. Each execution is a line of COUNTS: the request's X-Id.

# What the handler of a path does.
def action_of(path)
  known = { '/mixed' => :read, '/mixed/refuse' => :refuse, '/mixed/drop' => :drop }
  return known[path] if known[path]
  return :read_all if path.start_with?('/mixed-')

  found = path.match(%r{^/(read|slow|drop)(/|$)})
  found && found[1].to_sym
end

STATUS = Hash.new(200).merge(nil => 404, read_all: 404, refuse: 403)

run(lambda do |env|
  action = action_of(env['PATH_INFO'])
  if %i[read read_all].include?(action)
    # half a body is no login: its sender has given up
    action = nil if env['rack.input'].read.to_s.bytesize < env['CONTENT_LENGTH'].to_i
  end
  if env['REQUEST_METHOD'] == 'POST' && ![nil, :read_all].include?(action)
    File.open(ENV.fetch('COUNTS'), 'a') { |counts| counts.write("#{env['HTTP_X_ID']}\n") }
    sleep(ENV.fetch('SLOW_MS').to_i / 1000.0) if action == :slow
    env['puma.socket'].to_io.shutdown if action == :drop
  end
  [STATUS[action], { 'Content-Length' => '2' }, ['ok']]
end)
