import { basket } from "./basket"

const total = document.querySelector("#total")
fetch(`${import.meta.env.VITE_API_URL}/basket`)
  .then((answer) => answer.json())
  .then((items) => {
    if (total) total.textContent = basket(items)
  })
