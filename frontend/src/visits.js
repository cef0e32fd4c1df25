// The phone of a home help: visits of the day, marked with or without a network.
import "./visits.css";
import { start } from "./visits/app.js";

start(document.getElementById("visites"));
