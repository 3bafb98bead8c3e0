import "../style/base.css";
import "../trusted";
import { mount } from "svelte";
import App from "./App.svelte";
import { followLinks } from "./router.svelte";
import { start } from "./session.svelte";

followLinks();
const target = document.getElementById("app");
if (target) mount(App, { target });
void start();
