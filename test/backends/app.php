<?php
// The API of `npm run backends` by PHP. Each execution is a line of COUNTS: the request's X-Id.

/** What the handler of a path does. */
function action_of(string $path): ?string
{
    $known = ['/mixed' => 'read', '/mixed/refuse' => 'refuse', '/mixed/drop' => 'drop'];
    if (isset($known[$path])) {
        return $known[$path];
    }
    if (str_starts_with($path, '/mixed-')) {
        return 'read all';
    }
    return preg_match('{^/(read|slow|drop)(/|$)}', $path, $found) ? $found[1] : null;
}

$action = action_of(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
if ($action === 'read' || $action === 'read all') {
    // half a body is no login: its sender has given up
    if (strlen(file_get_contents('php://input')) < (int) ($_SERVER['CONTENT_LENGTH'] ?? 0)) {
        $action = null;
    }
}
if ($_SERVER['REQUEST_METHOD'] === 'POST' && $action !== null && $action !== 'read all') {
    file_put_contents(getenv('COUNTS'), $_SERVER['HTTP_X_ID'] . "\n", FILE_APPEND | LOCK_EX);
    if ($action === 'slow') {
        usleep(1000 * (int) getenv('SLOW_MS'));
    }
    // no script can close the connection; a process that ends does
    if ($action === 'drop') {
        posix_kill(getmypid(), SIGKILL);
    }
}
http_response_code(match ($action) {
    null, 'read all' => 404,
    'refuse' => 403,
    default => 200,
});
header('Content-Length: 2');
echo 'ok';
