export default function Login() {
  return (
    <form method="post" action="/user/login">
      <label>
        Name <input name="name" />
      </label>
      <label>
        Password <input name="password" type="password" />
      </label>
      <button type="submit">Log in</button>
    </form>
  )
}
